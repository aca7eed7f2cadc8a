'use strict'

// A pool's process in a cluster: watches the daemons of its argument, and tells the master which one it uses.

const { MultiDaemon } = require('../..')

const multiDaemon = new MultiDaemon(JSON.parse(process.argv[2]))
multiDaemon.ready.then(() => process.send({ port: multiDaemon.getDaemon().port }))
