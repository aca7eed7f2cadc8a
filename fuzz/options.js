'use strict'

const { parseArgs } = require('node:util')

/** @param {string[]} targets */
const usage = targets => `usage: npm run fuzz -- [${targets.join(' | ')} ...] [options]

Tries inputs that nobody thought of, guided by what they reach. An input that breaks something is kept in fuzz/regressions.

  --seconds N   all targets together, without building them (default: 60)
  --help        print this`

/** A mistake of the person at the keyboard: one line, exit code 2. */
class UsageError extends Error {}

/** @returns {{ targets: string[], seconds: number, help: boolean }} */
function readOptions (args, targets) {
  const { values: { seconds = '60', help = false }, positionals } = parsed(args)
  const unknown = positionals.find(name => !targets.includes(name))
  if (unknown !== undefined) throw new UsageError(`there is no target '${unknown}', only ${targets.join(', ')}`)
  const number = Number(seconds)
  if (seconds.trim() === '' || !(number >= targets.length && number <= 1e7)) throw new UsageError(`--seconds needs a number from ${targets.length} to 10000000, not '${seconds}'`)
  return { targets: positionals.length > 0 ? targets.filter(name => positionals.includes(name)) : targets, seconds: number, help }
}

function parsed (args) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { seconds: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
  } catch (error) {
    throw new UsageError(`${error.message.split(/\.\s|\n/)[0].replace(/\.$/, '')} (--help tells the options)`)
  }
}

module.exports = { UsageError, readOptions, usage }
