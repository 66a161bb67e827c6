#!/usr/bin/env node
// Plain JavaScript that any Node can read: on an older one it starts the Node 26 that `npm ci` brought along.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const bundled = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))

if (Number.parseInt(process.versions.node, 10) >= 26) {
  // What was compiled once is not compiled again: a command starts in about two thirds of the time.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/kithd', import.meta.url)))
  await import(program)
} else if (existsSync(bundled)) {
  let child
  // Before the child begins: a signal that came in between would end this process and leave the child alone.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child?.kill(signal))
  }
  child = spawn(bundled, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
} else {
  console.error(
    `Kith needs Node 26 or newer; this is ${process.version}. Run "npm ci" without --omit=dev or --ignore-scripts: it brings Node 26 along as the package "node". Or install Node 26.`,
  )
  process.exit(1)
}
