'use strict'

const { parseArgs } = require('node:util')

/** @param {string[]} targets */
const usage = targets => `usage: npm run fuzz -- [${targets.join(' | ')} ...] [options]

Tries inputs that nobody thought of on what reads what others send: ${targets.join(', ')} (default: all of them).
What reaches code that nothing reached before is changed in turn. What breaks something is kept in fuzz/regressions, and is a
test from then on.

  --seconds N   all targets together, without building them (default: 60)
  --seed N      which inputs are tried follows from it, and for the Rust targets from those that earlier runs left in target/fuzz
                (default: another at each run, printed)
  --help        print this`

/** A mistake of the person at the keyboard: one line, exit code 2. */
class UsageError extends Error {}

/** @returns {{ targets: string[], seconds: number, seed: number, help: boolean }} */
function readOptions (args, targets) {
  const { values: { seconds = '60', seed = String(1 + Date.now() % (2 ** 32 - 1)), help = false }, positionals } = parsed(args)
  const unknown = positionals.find(name => !targets.includes(name))
  if (unknown !== undefined) throw new UsageError(`there is no target '${unknown}', only ${targets.join(', ')}`)
  const wanted = positionals.length > 0 ? targets.filter(name => positionals.includes(name)) : targets
  // libFuzzer takes no shorter time than a second, and a seed of 0 for none.
  return { targets: wanted, seconds: number('seconds', seconds, wanted.length, 1e7), seed: number('seed', seed, 1, 2 ** 32 - 1), help }
}

function parsed (args) {
  const text = { type: 'string' }
  try {
    return parseArgs({ args, allowPositionals: true, options: { seconds: text, seed: text, help: { type: 'boolean', short: 'h' } } })
  } catch (error) {
    throw new UsageError(`${error.message.split(/\.\s|\n/)[0].replace(/\.$/, '')} (--help tells the options)`)
  }
}

function number (name, text, least, most) {
  const value = Number(text)
  if (text.trim() === '' || !(value >= least && value <= most)) throw new UsageError(`--${name} needs a number from ${least} to ${most}, not '${text}'`)
  return value
}

module.exports = { UsageError, readOptions, usage }
