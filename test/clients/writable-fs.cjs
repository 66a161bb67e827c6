// Loaded before node-sparky. A library of its time makes an object that inherits from `fs` and assigns to each of
// its functions; Node 26 has one that can't be assigned to, because it is behind a getter.
const fs = require('node:fs')

Object.defineProperty(fs, 'Utf8Stream', { value: fs.Utf8Stream, writable: true })
