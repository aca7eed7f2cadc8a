'use strict'

const { spawnSync } = require('node:child_process')
const path = require('node:path')
const { figure } = require('./figure')

const ROOT = path.join(__dirname, '..')
const ARGUMENTS = ['run', '--quiet', '--profile', 'simulation', '--example', 'simulate', '--']
const OURS = ['fallback-best', 'fallback-primary']
const OTHERS = ['primary-alone', 'haproxy', 'naive-majority']
const SEED = 1
const TARGETS = {
  weeks: 'at most 0.5 with best',
  harsh: 'at most 45 with best',
  regions: null
}
/** How often a policy is to gain what it loses, in the worlds of any kind. */
const GAINED = { 'fallback-best': 50, 'fallback-primary': 20 }

/** The time, work and blocks that simulated pools lose, the time against one that sees everything, in one of the simulator's kinds of worlds. */
function simulated (kind, fewWorlds) {
  return async ({ short }) => {
    const { policies } = simulate([kind, '--json', '--seed', String(SEED), ...short ? ['--worlds', String(fewWorlds)] : []])
    const lost = name => (1 - policies[name].best / policies.oracle.best) * 1000
    const behind = name => policies[name].lostSeconds
    const gained = name => policies[name].gainedSeconds
    const without = name => policies[name].withoutWork * 1000
    const blocksLost = name => policies[name].blocksLost
    const damaged = name => policies[name].databasesDamaged
    const others = value => Object.fromEntries(OTHERS.map(name => [name, [value(name)]]))
    return OURS.flatMap(name => [
      figure(`${kind}/lost/${name}`, '‰ of the time on the best block', [lost(name)], { others: others(lost), target: TARGETS[kind] }),
      figure(`${kind}/behind/${name}`, 's of the best block, in worlds with less of it than the primary alone', [behind(name)], {
        beside: { gained: [gained(name)] }, target: `gained at least ${GAINED[name]} times that`
      }),
      figure(`${kind}/switches/${name}`, 'switches an hour', [policies[name].switchesPerHour]),
      figure(`${kind}/withoutWork/${name}`, '‰ of the templates, not given or on an old block', [without(name)], { others: others(without) }),
      figure(`${kind}/blocksLost/${name}`, 'blocks of those found', [blocksLost(name)], { beside: others(blocksLost) }),
      figure(`${kind}/damaged/${name}`, 'databases damaged', [damaged(name)], { beside: others(damaged) })
    ])
  }
}

function simulate (options) {
  const { error, status, stdout, stderr } = spawnSync('cargo', [...ARGUMENTS, ...options], { cwd: ROOT, encoding: 'utf8' })
  if (error || status !== 0) throw new Error(error ? `cargo does not run: ${error.message}` : stderr)
  return JSON.parse(stdout)
}

module.exports = simulated
