'use strict'

const { spawnSync } = require('node:child_process')
const path = require('node:path')
const { figure } = require('./figure')

const ROOT = path.join(__dirname, '..')

let measured = null

/** The time of one decision, which Rust measures (examples/decision.rs); once, though more than one benchmark shows it. */
async function decision ({ short }) {
  measured = measured || figures(short)
  return measured
}

function figures (short) {
  return measure(short).trim().split('\n').map(line => line.split(' ')).map(([group, daemons, ...nanoseconds]) => {
    const [median, spread] = nanoseconds.map(each => each / 1000)
    const target = daemons === '7' ? 'under 20 µs' : null
    return { ...figure(`decision/${group}/${daemons}`, 'µs', [median], { target }), spread }
  })
}

/** What ships is built for size. The short form takes the simulator's build, which tests have made already. */
function measure (short) {
  const options = short ? ['--profile', 'simulation', '--', '--short'] : ['--release']
  const { error, status, stdout, stderr } = spawnSync('cargo', ['run', '--quiet', '--example', 'decision', ...options], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe']
  })
  if (error || status !== 0) throw new Error(error ? `cargo does not run: ${error.message}` : stderr)
  return stdout
}

module.exports = decision
