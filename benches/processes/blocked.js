'use strict'

// Counts the switches that are seen while the event loop is blocked, and those that an event would have told.

const { MultiDaemon } = require('../..')

const LONGEST = 240000
const clock = new Int32Array(new SharedArrayBuffer(4))

async function main ({ config, switches }) {
  const pool = new MultiDaemon(config)
  await pool.ready
  let heard = 0
  pool.on('switch', () => { heard++ })
  const counts = watchBlocked(pool, switches)
  // Told before the event loop gets to deliver what it missed.
  console.log(JSON.stringify({ ...counts, heard }))
  await pool.stop()
}

/** Nothing but this runs on this thread until so many switches have happened, by the account of native code. */
function watchBlocked (pool, switches) {
  const deadline = Date.now() + LONGEST
  const start = pool.getStatus().epoch
  let [happened, seen, before] = [0, 0, pool.getDaemon()]
  while (happened < switches && Date.now() < deadline) {
    Atomics.wait(clock, 0, 0, 1)
    happened = pool.getStatus().epoch - start
    const daemon = pool.getDaemon()
    if (daemon !== before) seen++
    before = daemon
  }
  return { happened, seen }
}

main(JSON.parse(process.argv[2]))
