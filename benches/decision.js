'use strict'

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { figure } = require('./figure')

const ROOT = path.join(__dirname, '..')
const GROUPS = ['steady', 'forked']

let measured = null

/** The time of one decision, which Rust measures (benches/decision.rs); once, though more than one benchmark shows it. */
async function decision ({ short }) {
  measured = measured || figures(short)
  return measured
}

function figures (short) {
  const results = fs.mkdtempSync(path.join(os.tmpdir(), 'decision-'))
  try {
    measure(results, short)
    return GROUPS.flatMap(group => figuresOf(group, path.join(results, group)))
  } finally {
    fs.rmSync(results, { recursive: true })
  }
}

/** What ships is built for size. The short form takes the simulator's build, which tests have made already. */
function measure (results, short) {
  const [profile, options] = short ? [['--profile', 'simulation'], ['--quick']] : [[], []]
  const { error, status, stderr } = spawnSync('cargo', ['bench', '--bench', 'decision', ...profile, '--', '--noplot', ...options], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, CRITERION_HOME: results },
    stdio: ['ignore', 'ignore', 'pipe']
  })
  if (error || status !== 0) throw new Error(error ? `cargo does not run: ${error.message}` : stderr)
}

/** A figure for each number of daemons, the smallest first. */
function figuresOf (group, folder) {
  const numbers = fs.readdirSync(folder).filter(name => /^\d+$/.test(name)).sort((one, other) => one - other)
  return numbers.map(daemons => {
    const { median, median_abs_dev: deviation } = JSON.parse(fs.readFileSync(path.join(folder, daemons, 'new', 'estimates.json'), 'utf8'))
    const microseconds = estimate => estimate.point_estimate / 1000
    const target = daemons === '7' ? 'under 20 µs' : null
    return { ...figure(`decision/${group}/${daemons}`, 'µs', [microseconds(median)], { target }), spread: microseconds(deviation) }
  })
}

module.exports = decision
