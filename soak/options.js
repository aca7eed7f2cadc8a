'use strict'

const { UsageError } = require('../lib/cli/usage-error')
const { number, parsed } = require('../sim/arguments')
const { RIGS } = require('./processes/rig')

const USAGE = `usage: npm run soak -- [options]

The addon in a process, and in a cluster, on simulated daemons that fail in every way at once. It fails if a connection, thread or memory
remains that should be gone, or if the pool used a daemon that had been bad for a long time.

  --seconds N   about so long, whole acts only (default: 120)
  --seed N      what happens follows from it (default: another at each run, printed)
  --rig NAME    plant a mistake, to see that it is found: ${RIGS.join(', ')}
  --help        print this`

/** @returns {{ seconds: number, seed: number, rig: string | null, help: boolean }} */
function readOptions (args) {
  const { seconds = '120', seed = String(Date.now() % 2 ** 32), rig, help = false } = parsed(args, { seconds: TEXT, seed: TEXT, rig: TEXT }).values
  if (rig !== undefined && !RIGS.includes(rig)) throw new UsageError(`--rig ${rig}: it is one of ${RIGS.join(', ')}`)
  return { seconds: number('seconds', seconds, 1, 1e7), seed: number('seed', seed, 0, 2 ** 32 - 1), rig: rig || null, help }
}

const TEXT = { type: 'string' }

module.exports = { USAGE, UsageError, readOptions }
