/**
 * Text as the vendor's server (.NET's `HttpUtility.HtmlEncode`) encodes it: beside the characters that mean
 * something in HTML, those from U+00A0 to U+00FF and those beyond U+FFFF become numeric references.
 */
export const htmlEncoded = (text: string): string =>
  text.replace(
    /[&<>"'\u00a0-\u00ff\u{10000}-\u{10ffff}]/gu,
    (character) => named[character] ?? `&#${character.codePointAt(0)};`,
  )

const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}
