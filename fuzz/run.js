#!/usr/bin/env node
'use strict'

// `npm run fuzz`: inputs that nobody thought of, for everything that reads what others send.

const { installDependencies } = require('../scripts/dependencies')
const { UsageError, readOptions, usage } = require('./options')
const parsers = require('./parsers')

/** The Rust targets are guided by the code they reach; JavaScript tries true messages with changes in them. */
const RUST = ['dialect', 'config', 'packet']
const TARGETS = [...RUST, 'messages']

async function main (args) {
  const { targets, seconds, help } = readOptions(args, TARGETS)
  if (help) return console.log(usage(TARGETS))
  if (installDependencies() !== 0) throw new Error('npm could not install what only development needs')
  const share = seconds / targets.length
  const folder = targets.some(target => RUST.includes(target)) ? parsers.build() : null
  let isSound = true
  for (const target of targets) {
    const holds = target === 'messages' ? require('./messages').fuzz(share) : await parsers.fuzz(target, folder, share)
    isSound = holds && isSound
  }
  process.exitCode = isSound ? 0 : 1
}

main(process.argv.slice(2)).catch(error => {
  console.error(error.message)
  process.exitCode = error instanceof UsageError ? 2 : 1
})
