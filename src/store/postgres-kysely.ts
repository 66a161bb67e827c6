import {
  type ColumnDefinitionNode,
  DataTypeNode,
  Kysely,
  type KyselyPlugin,
  OperationNodeTransformer,
  PostgresDialect,
  RawNode,
} from 'kysely'
import type { Lines } from './postgres-lines.ts'
import type { Tables } from './sql/tables.ts'

/** Lets Kysely run the migrations, and build queries, over lines to PostgreSQL. */
export const kyselyOn = (lines: Lines): Kysely<Tables> =>
  new Kysely({ dialect: new PostgresDialect({ pool: poolOf(lines) }), plugins: [byBytes] })

function poolOf(lines: Lines) {
  return {
    options: {},
    end: () => lines.close(),
    connect: () =>
      new Promise<PooledLine>((resolve, reject) => {
        const lent = lines.use((line) => {
          const { promise, resolve: release } = Promise.withResolvers<void>()
          const query = (sql: string, values: readonly unknown[]) => line.once(sql, values)
          resolve({ query, release } as PooledLine)
          return promise
        })
        lent.catch(reject)
      }),
  }
}

/** As Kysely wants it. */
type PooledLine = Awaited<
  ReturnType<
    Exclude<ConstructorParameters<typeof PostgresDialect>[0]['pool'], () => unknown>['connect']
  >
>

/** Texts are told apart and put in order by their bytes, as everywhere else, whatever the database's own order is. */
class ByBytes extends OperationNodeTransformer {
  protected override transformColumnDefinition(node: ColumnDefinitionNode): ColumnDefinitionNode {
    const made = super.transformColumnDefinition(node)
    const isText = DataTypeNode.is(made.dataType) && made.dataType.dataType === 'text'
    return isText ? { ...made, dataType: RawNode.createWithSql('text collate "C"') } : made
  }
}

const transformer = new ByBytes()

const byBytes: KyselyPlugin = {
  transformQuery: ({ node, queryId }) => transformer.transformNode(node, queryId),
  transformResult: async ({ result }) => result,
}
