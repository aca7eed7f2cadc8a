'use strict'

// Measures how long it takes until the addon is there. node:http, which every pool loads, is for comparison.

const start = performance.now()
const { MultiDaemon } = require('../..')
const required = performance.now()
const pool = new MultiDaemon(JSON.parse(process.argv[2]).config)
const constructed = performance.now()
require('node:http')
const end = performance.now()

console.log(JSON.stringify({
  total: constructed - start,
  require: required - start,
  construct: constructed - required,
  http: end - constructed
}))
pool.stop()
