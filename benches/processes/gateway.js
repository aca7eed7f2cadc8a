'use strict'

// The addon with its gateway, until the parent lets go; tells its process's processor time when asked.

const { MultiDaemon } = require('../..')

async function main ({ config }) {
  process.on('disconnect', () => process.exit())
  const multiDaemon = new MultiDaemon(config)
  await multiDaemon.ready
  // What nobody holds is collected, and stops.
  process.on('message', () => process.send(Object.assign(process.cpuUsage(), { polls: multiDaemon.getStatus().polls })))
  process.send(multiDaemon.getStatus().gateway)
}

main(JSON.parse(process.argv[2]))
