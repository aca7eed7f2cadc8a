'use strict'

// Measures getDaemon() and a plain property read in turn, each with reading host and port, as a request does.

const { median } = require('../figure')
const { MultiDaemon } = require('../..')

const CALLS = 1000000
const TURNS = 31
/** A power of two. Of a single object the compiler would read everything once, before the loop. */
const OBJECTS = 8

async function main ({ config }) {
  const configs = Array.from({ length: OBJECTS }, () => JSON.parse(JSON.stringify(config)))
  const pools = configs.map(each => new MultiDaemon(each))
  await Promise.all(pools.map(pool => pool.ready))
  const readings = { ours: () => readOurs(pools), property: () => readProperty(configs) }
  const times = { ours: [], property: [] }
  // The first turn warms up.
  for (let turn = 0; turn <= TURNS; turn++) {
    for (const [side, read] of Object.entries(readings)) {
      const time = nanosecondsPerCall(read)
      if (turn > 0) times[side].push(time)
    }
  }
  await Promise.all(pools.map(pool => pool.stop()))
  console.log(JSON.stringify({ ours: median(times.ours), property: median(times.property) }))
}

function nanosecondsPerCall (read) {
  const start = process.hrtime.bigint()
  read()
  return Number(process.hrtime.bigint() - start) / CALLS
}

/** Where everything that is read ends up, so that no read can be left out. */
const read = { host: '', port: 0 }

function readOurs (pools) {
  for (let call = 0; call < CALLS; call++) {
    const daemon = pools[call & OBJECTS - 1].getDaemon()
    read.host = daemon.host
    read.port = daemon.port
  }
}

function readProperty (configs) {
  for (let call = 0; call < CALLS; call++) {
    const { daemon } = configs[call & OBJECTS - 1]
    read.host = daemon.host
    read.port = daemon.port
  }
}

main(JSON.parse(process.argv[2]))
