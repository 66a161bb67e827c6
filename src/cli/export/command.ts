// Read this first, then exporter.ts: the store → formats.ts or cards.ts, by holds.ts → FILE.
import { extname } from 'node:path'
import { Command, Option } from 'commander'
import type { CardVersion } from '../../cards/properties.ts'
import type { Store } from '../../directory/ports.ts'
import { findOrganization } from '../organizations.ts'
import { explain, print, UsageError } from '../output.ts'
import { progressTo } from '../progress.ts'
import { inStore } from '../store.ts'
import type { Wiring } from '../wiring.ts'
import { cards } from './cards.ts'
import { type Exported, exportPeople } from './exporter.ts'
import { csv, type Format, jsonLines } from './formats.ts'
import { type Sink, toFile, toStandardOutput } from './sinks.ts'

const formats = ['csv', 'jsonl', 'vcf'] as const
type FormatName = (typeof formats)[number]

interface ExportFlags {
  readonly org?: string
  readonly format?: FormatName
  readonly vcard?: '3' | '4'
  readonly deleted?: boolean
  readonly force?: boolean
}

/** `kithd export`. */
export const exportCommand = (wiring: Wiring): Command =>
  inStore(wiring, new Command('export'), async (store, { args: [file = ''], flags, json }) => {
    const format = formatOf(file, flags as ExportFlags)
    const exported = await exportTo(file, { wiring, store, format, flags })
    const lost = Object.fromEntries([...exported.lost].sort())
    // Standard output may be the file.
    const tell = file === '-' ? explain : print
    if (json) tell(JSON.stringify({ file, format, people: exported.people, lost }))
    else tell(summary(file, exported, format))
  })
    .description('write everybody to a file; docs/export.md tells what each format can hold')
    .argument('<file>', 'a .csv, .jsonl or .vcf file, or - for standard output')
    .addOption(
      new Option('--format <format>', 'instead of what the file’s name ends in').choices(formats),
    )
    .addOption(
      new Option('--vcard <version>', 'the version of a .vcf file, 4 by default').choices([
        '3',
        '4',
      ]),
    )
    .option('--org <name-or-id>', 'the organization, where there are several')
    .option('--deleted', 'deleted people too')
    .option('--force', 'overwrite the file if it is there')

function formatOf(file: string, { format, vcard }: ExportFlags): FormatName {
  const ending = extname(file).slice(1).toLowerCase()
  const found = format ?? formats.find((one) => one === ending)
  if (found === undefined) {
    const why =
      file === '-'
        ? 'Standard output has no name'
        : `"${file}" ends neither in .csv nor in .jsonl nor in .vcf`
    throw new UsageError(`${why}; --format says what to write: ${formats.join(', ')}`)
  }
  if (vcard !== undefined && found !== 'vcf') {
    throw new UsageError(`--vcard is of .vcf files, and this is to be .${found}`)
  }
  return found
}

const versions: Readonly<Record<'3' | '4', CardVersion>> = { '3': '3.0', '4': '4.0' }

const writerOf = (name: FormatName, vcard: '3' | '4' = '4'): Format =>
  ({ csv, jsonl: jsonLines, vcf: cards(versions[vcard]) })[name]

interface Parts {
  readonly wiring: Wiring
  readonly store: Store
  readonly format: FormatName
  readonly flags: ExportFlags
}

async function exportTo(file: string, { wiring, store, format, flags }: Parts): Promise<Exported> {
  const { org, vcard, deleted = false, force = false } = flags
  const organization = await findOrganization(store, org)
  const sink = file === '-' ? toStandardOutput() : await toFile(file, { force })
  const progress = progressTo(process.stderr, { now: wiring.now, noun: 'people' })
  try {
    return await finished(
      sink,
      await exportPeople(
        {
          ...{ store, organization, deleted, format: writerOf(format, vcard) },
          onPage: progress.at,
        },
        sink.write,
      ),
    )
  } catch (error) {
    await sink.giveUp()
    throw error
  } finally {
    progress.hide()
  }
}

async function finished(sink: Sink, exported: Exported): Promise<Exported> {
  await sink.finish()
  return exported
}

function summary(file: string, { people, lost }: Exported, format: FormatName): string {
  const where = file === '-' ? 'standard output' : file
  const fields = [...lost]
    .sort()
    .map(([field, count]) => `  ${field} of ${count === 1 ? '1 person' : `${count} people`}`)
  const what = fields.length > 0 ? [`What .${format} could not hold as it is:`, ...fields] : []
  return [`${people === 1 ? '1 person' : `${people} people`} in ${where}`, ...what].join('\n')
}
