#!/usr/bin/env node
'use strict'

// `npx turtle-pool-multi-daemon`. This file parses on Node 8, so that it can say what it needs.

const mistake = require('../node-version')()

if (mistake) {
  console.error(mistake)
  process.exitCode = 2
} else {
  require('.')(process.argv.slice(2))
}
