'use strict'

// Measures how long it takes until the addon is there. node:http and node:https, which
// every pool has loaded by then, are for comparison.

const begin = performance.now()
require('node:http')
require('node:https')
const start = performance.now()
const { MultiDaemon } = require('../..')
const required = performance.now()
const pool = new MultiDaemon(JSON.parse(process.argv[2]).config)
const constructed = performance.now()
pool.getDaemon()
const answered = performance.now()

pool.ready.then(async () => {
  console.log(JSON.stringify({
    total: constructed - start,
    require: required - start,
    construct: constructed - required,
    http: start - begin,
    answer: answered - start,
    verdict: performance.now() - start
  }))
  await pool.stop()
})
