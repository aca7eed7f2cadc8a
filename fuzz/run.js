#!/usr/bin/env node
'use strict'

// `npm run fuzz`: inputs that nobody thought of, for everything that reads what others send.
//
//   properties/          what has to hold for any input of a target; also part of the tests
//   targets/             the Rust targets, which libfuzzer.js builds and runs
//   messages.js          the JavaScript target, which search.js runs, guided by coverage.js
//   mutate.js            changes inputs by their members, as targets/mutate.rs does in Rust
//   seeds.js, json.dict  what the Rust targets begin with, and the words that they try
//   regressions/         what once broke something: tests/fuzz.rs and __test__/messages.test.js try it at each run

const { installDependencies } = require('../scripts/dependencies')
const libfuzzer = require('./libfuzzer')
const messages = require('./messages')
const { UsageError, readOptions, usage } = require('./options')

/** Those in Rust; all of them are guided by the code that they reach. */
const RUST = ['dialect', 'response', 'routing', 'config', 'packet']
const TARGETS = [...RUST, 'messages']

async function main (args) {
  const { targets, seconds, seed, help } = readOptions(args, TARGETS)
  if (help) return console.log(usage(TARGETS))
  if (installDependencies() !== 0) throw new Error('npm could not install what only development needs')
  console.log(`seed ${seed}`)
  const share = seconds / targets.length
  const folder = targets.some(target => RUST.includes(target)) ? libfuzzer.build() : null
  let isSound = true
  for (const target of targets) {
    const holds = target === 'messages' ? await messages.fuzz(share, seed) : await libfuzzer.fuzz(target, folder, share, seed)
    isSound = holds && isSound
  }
  process.exitCode = isSound ? 0 : 1
}

main(process.argv.slice(2)).catch(error => {
  console.error(error.message)
  process.exitCode = error instanceof UsageError ? 2 : 1
})
