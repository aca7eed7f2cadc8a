'use strict'

// A cluster worker that attaches, and tells its master whether it has anything to do with the status page.

const path = require('node:path')
const { attach } = require('../..')
const { partsOf } = require('../../lib/parts')

const multiDaemon = attach(JSON.parse(process.argv[2]), { log () {} })
multiDaemon.ready.then(({ mode }) => {
  const loads = Object.keys(require.cache).some(file => file.includes(path.join('lib', 'status', 'server')))
  process.send({ loads, page: partsOf(multiDaemon).page !== null, mode })
})
