import { keeps } from '../../test/keeps.ts'
import { memoryStore } from './memory.ts'

keeps('memory', async () => memoryStore())
