'use strict'

// Measures getDaemon() and a plain property read in turn, each with reading host and port: bare, and as a request does it.

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
  const readings = {
    ours: () => readOurs(pools),
    property: () => readProperty(configs),
    oursInRequest: () => requestOurs(pools),
    propertyInRequest: () => requestProperty(configs)
  }
  const times = { ours: [], property: [], oursInRequest: [], propertyInRequest: [] }
  // The first turn warms up.
  for (let turn = 0; turn <= TURNS; turn++) {
    for (const [side, read] of Object.entries(readings)) {
      const time = nanosecondsPerCall(read)
      if (turn > 0) times[side].push(time)
    }
  }
  await Promise.all(pools.map(pool => pool.stop()))
  const medians = Object.entries(times).map(([side, all]) => [side, median(all)])
  console.log(JSON.stringify(Object.fromEntries(medians)))
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

let request

/** What the pools do with it: the first lines of every request. */
function optionsOf ({ host, port }) {
  return { hostname: host, port, path: '/json_rpc', method: 'POST' }
}

function requestOurs (pools) {
  for (let call = 0; call < CALLS; call++) request = optionsOf(pools[call & OBJECTS - 1].getDaemon())
}

function requestProperty (configs) {
  for (let call = 0; call < CALLS; call++) request = optionsOf(configs[call & OBJECTS - 1].daemon)
}

main(JSON.parse(process.argv[2])).then(() => request)
