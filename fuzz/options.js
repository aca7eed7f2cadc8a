'use strict'

const { UsageError } = require('../lib/cli/usage-error')
const { number, parsed } = require('../sim/arguments')

/** @param {string[]} targets */
const usage = targets => `usage: npm run fuzz -- [${targets.join(' | ')} ...] [options]

Tries inputs that nobody thought of on what reads what others send: ${targets.join(', ')} (default: all of them).
What reaches code that nothing reached before is changed in turn. What breaks something is kept in fuzz/regressions, and is a
test from then on.

  --seconds N   all targets together, without building them (default: 60)
  --seed N      which inputs are tried follows from it, and from those that earlier runs left in target/fuzz
                (default: another at each run, printed)
  --help        print this`

/** @returns {{ targets: string[], seconds: number, seed: number, help: boolean }} */
function readOptions (args, targets) {
  const { values: { seconds = '60', seed = String(1 + Date.now() % (2 ** 32 - 1)), help = false }, positionals } = parsed(args, { seconds: TEXT, seed: TEXT }, { allowPositionals: true })
  const unknown = positionals.find(name => !targets.includes(name))
  if (unknown !== undefined) throw new UsageError(`there is no target '${unknown}', only ${targets.join(', ')}`)
  const wanted = positionals.length > 0 ? targets.filter(name => positionals.includes(name)) : targets
  // libFuzzer takes no shorter time than a second, and a seed of 0 for none.
  return { targets: wanted, seconds: number('seconds', seconds, wanted.length, 1e7), seed: number('seed', seed, 1, 2 ** 32 - 1), help }
}

const TEXT = { type: 'string' }

module.exports = { UsageError, readOptions, usage }
