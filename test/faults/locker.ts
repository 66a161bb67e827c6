// Takes a lock on a database and keeps it until it is killed: `node test/faults/locker.ts DATABASE write|all`.
import { DatabaseSync } from 'node:sqlite'

const [database = '', kind] = process.argv.slice(2)
const handle = new DatabaseSync(database, { timeout: 5_000 })
if (kind === 'all') handle.exec('PRAGMA locking_mode = EXCLUSIVE')
handle.exec('BEGIN IMMEDIATE')
console.log('locked')
setInterval(() => {}, 1_000)
