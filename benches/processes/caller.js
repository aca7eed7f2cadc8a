'use strict'

// Measures getDaemon() and a plain property read in turn, each with reading host and port: in a function that is called for it, as
// a request does it, and inlined into a loop. Also runs on Node 10.

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
    ours: () => callEach(readOurs, pools),
    property: () => callEach(readProperty, configs),
    oursInRequest: () => callEach(requestOurs, pools),
    propertyInRequest: () => callEach(requestProperty, configs),
    oursInlined: () => inlineOurs(pools),
    propertyInlined: () => inlineProperty(configs)
  }
  const times = {}
  // The first turn warms up.
  for (let turn = 0; turn <= TURNS; turn++) {
    for (const side of Object.keys(readings)) {
      const time = nanosecondsPerCall(readings[side])
      if (turn > 0) times[side] = (times[side] || []).concat(time)
    }
  }
  await Promise.all(pools.map(pool => pool.stop()))
  const medians = {}
  for (const side of Object.keys(times)) medians[side] = median(times[side])
  console.log(JSON.stringify(medians))
}

function nanosecondsPerCall (read) {
  const start = process.hrtime()
  read()
  const [seconds, nanoseconds] = process.hrtime(start)
  return (seconds * 1e9 + nanoseconds) / CALLS
}

/** Calls so many different functions that none of them is made part of the loop: what a pool does between two requests is not, either. */
function callEach (read, objects) {
  for (let call = 0; call < CALLS; call++) read(objects[call & OBJECTS - 1])
}

/** Where everything that is read ends up, so that no read can be left out. */
const read = { host: '', port: 0 }

function readOurs (pool) {
  const daemon = pool.getDaemon()
  read.host = daemon.host
  read.port = daemon.port
}

function readProperty ({ daemon }) {
  read.host = daemon.host
  read.port = daemon.port
}

/** What the pools do with it: the first lines of every request. */
function optionsOf ({ host, port }) {
  return { hostname: host, port, path: '/json_rpc', method: 'POST' }
}

let request

function requestOurs (pool) {
  request = optionsOf(pool.getDaemon())
}

function requestProperty ({ daemon }) {
  request = optionsOf(daemon)
}

function inlineOurs (pools) {
  for (let call = 0; call < CALLS; call++) {
    const daemon = pools[call & OBJECTS - 1].getDaemon()
    read.host = daemon.host
    read.port = daemon.port
  }
}

function inlineProperty (configs) {
  for (let call = 0; call < CALLS; call++) {
    const { daemon } = configs[call & OBJECTS - 1]
    read.host = daemon.host
    read.port = daemon.port
  }
}

main(JSON.parse(process.argv[2])).then(() => request)
