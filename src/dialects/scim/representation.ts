// RFC 7644 §3.9: which of a resource's attributes are told.
import { isArray, isObject, type Json, type JsonObject } from './json.ts'
import { parseAttributeName } from './path.ts'
import {
  type Attribute,
  type AttributeName,
  attributeNamed,
  extensionNamed,
  type ResourceType,
  topAttributes,
} from './schemas.ts'

/**
 * `resource` with the attributes that were asked for, or with all that are told by default except the excluded ones.
 * Names are without case, may have sub-attributes and begin with a URN; a URN alone means all that its schema has.
 * What is `always` told can be neither left out nor forgotten, what is `never` told can't be asked for. With both
 * lists, what is excluded is left out of what was asked for.
 *
 * Throws ScimError `invalidPath` for what can't be a name.
 */
export function withAttributes(
  resource: JsonObject,
  attributes: readonly string[] | undefined,
  excludedAttributes: readonly string[] | undefined,
  type: ResourceType,
): JsonObject {
  const wanted = attributes?.length ? knownSelection(attributes, type) : undefined
  const unwanted = knownSelection(excludedAttributes ?? nothing, type)
  return selected(resource, { wanted, unwanted, attributes: topAttributes(type), type })
}

/** What was named, by names in lower case: an attribute as a whole, or some of its sub-attributes. */
type Selection = ReadonlyMap<string, Selection | 'whole'>

const nothing: readonly string[] = []

/** By the very list that was given: a page asks with the same one for each of its resources. */
const selections = new WeakMap<readonly string[], Map<ResourceType, Selection>>()

function knownSelection(list: readonly string[], type: ResourceType): Selection {
  const known = selections.get(list) ?? new Map<ResourceType, Selection>()
  selections.set(list, known)
  const selection = known.get(type) ?? selectionOf(list, type)
  known.set(type, selection)
  return selection
}

function selectionOf(list: readonly string[], type: ResourceType): Selection {
  const selection: Tree = new Map()
  for (const text of list) {
    for (const names of namesFor(parseAttributeName(text, type), type)) plant(selection, names)
  }
  return selection
}

/** The core schema's URN alone stands for each of its attributes. */
function namesFor(
  { schema, names }: AttributeName,
  type: ResourceType,
): readonly (readonly string[])[] {
  if (schema !== undefined) return [[schema, ...names]]
  return names.length > 0
    ? [names]
    : type.schema.attributes.filter(isDefault).map(({ name }) => [name])
}

type Tree = Map<string, Tree | 'whole'>

function plant(tree: Tree, [name = '', ...rest]: readonly string[]): void {
  const key = name.toLowerCase()
  const there = tree.get(key)
  if (there === 'whole') return
  if (rest.length === 0) {
    tree.set(key, 'whole')
    return
  }
  const below: Tree = there ?? new Map()
  tree.set(key, below)
  plant(below, rest)
}

interface Choice {
  /** Undefined: what is told by default. */
  readonly wanted: Selection | undefined
  readonly unwanted: Selection
  readonly attributes: readonly Attribute[]
  /** On the top level only, where extensions are. */
  readonly type?: ResourceType
}

function selected(object: JsonObject, choice: Choice): JsonObject {
  const told = Object.entries(object).flatMap(([name, value]) => {
    const one = toldOf(name, value, choice)
    return one === undefined ? [] : [[name, one] as const]
  })
  return Object.fromEntries(told)
}

function toldOf(
  name: string,
  value: Json,
  { wanted, unwanted, attributes, type }: Choice,
): Json | undefined {
  const key = name.toLowerCase()
  const definition = attributeNamed(attributes, name)
  const asked = wanted?.get(key)
  const excluded = unwanted.get(key)
  const returned = definition?.returned ?? 'default'
  if (returned === 'never') return undefined
  if (returned === 'always') return value
  const isTold = wanted === undefined ? returned === 'default' : asked !== undefined
  if (!isTold || excluded === 'whole') return undefined
  return narrowed(value, {
    wanted: asked === 'whole' ? undefined : asked,
    unwanted: excluded ?? new Map(),
    attributes: definition?.subAttributes ?? (type && extensionNamed(type, name)?.attributes) ?? [],
  })
}

/** A value with what is told below it; undefined where nothing of it is left. */
function narrowed(value: Json, choice: Choice): Json | undefined {
  if (isArray(value)) {
    const items = value.map((item) => narrowed(item, choice)).filter((item) => item !== undefined)
    return items.length > 0 || value.length === 0 ? items : undefined
  }
  // A simple value has nothing below it, whatever was asked for there.
  if (!isObject(value)) return choice.wanted === undefined ? value : undefined
  const left = selected(value, choice)
  return Object.keys(left).length > 0 || Object.keys(value).length === 0 ? left : undefined
}

const isDefault = ({ returned }: Attribute): boolean =>
  returned === 'default' || returned === 'always'
