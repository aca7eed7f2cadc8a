'use strict'

// The addon with its gateway, until the parent lets go; tells its process's processor time when asked.

const { MultiDaemon } = require('../..')

async function main ({ config }) {
  process.on('disconnect', () => process.exit())
  const multiDaemon = new MultiDaemon(config)
  await multiDaemon.ready
  // A pool whose daemons are not healthy is served in another way.
  if (multiDaemon.getStatus().mode !== 'multi') throw new Error(`the daemons are not watched: ${JSON.stringify(multiDaemon.getStatus())}`)
  // What nobody holds is collected, and stops.
  process.on('message', () => process.send(Object.assign(process.cpuUsage(), { polls: multiDaemon.getStatus().polls })))
  process.send(multiDaemon.getStatus().gateway)
}

main(JSON.parse(process.argv[2])).catch(error => {
  console.error(error)
  process.exit(1)
})
