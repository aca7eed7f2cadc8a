#!/usr/bin/env node
'use strict'

// `npm run fuzz`: inputs that nobody thought of, for everything that reads what others send.
//
//   properties/          what has to hold for any input of a target; also part of the tests
//   targets/             the targets, which libfuzzer.js builds and runs
//   seeds.js, json.dict  what they begin with, and the words that they try
//   regressions/         what once broke something: tests/fuzz.rs and __test__/messages.test.js try it at each run
//
// Messages between a pool's own processes are tried by __test__/messages.test.js alone.

const libfuzzer = require('./libfuzzer')
const { UsageError, readOptions, usage } = require('./options')

/** All of them are guided by the code that they reach. */
const TARGETS = ['dialect', 'response', 'routing', 'config', 'packet']

async function main (args) {
  const { targets, seconds, seed, help } = readOptions(args, TARGETS)
  if (help) return console.log(usage(TARGETS))
  console.log(`seed ${seed}`)
  const share = seconds / targets.length
  const folder = libfuzzer.build()
  let isSound = true
  for (const target of targets) {
    isSound = await libfuzzer.fuzz(target, folder, share, seed) && isSound
  }
  process.exitCode = isSound ? 0 : 1
}

main(process.argv.slice(2)).catch(error => {
  console.error(error.message)
  process.exitCode = error instanceof UsageError ? 2 : 1
})
