'use strict'

// Forks workers, and another one some time after one has ended.

const cluster = require('cluster')

const { poolServer, blockUnlocker, standin } = global.config

for (let forkId = 1; forkId <= poolServer.clusterForks; forkId++) keep({ workerType: 'pool', forkId: String(forkId) })
if (blockUnlocker && blockUnlocker.enabled) keep({ workerType: 'blockUnlocker' })

function keep (environment) {
  const worker = cluster.fork(environment)
  worker.type = environment.workerType
  worker.on('message', hear)
  worker.on('exit', () => {
    global.log('error', 'master', '%s died, spawning a replacement', [environment.workerType])
    setTimeout(() => keep(environment), standin.respawnDelay)
  })
}

/** Which types there are is the pool's matter: another type is for somebody else. */
function hear (message) {
  switch (message.type) {
    case 'banIP':
      for (const worker of workers()) {
        if (worker.type === 'pool') worker.send({ type: 'banIP', ip: message.ip })
      }
      break
  }
}

function workers () {
  return Object.keys(cluster.workers).map(id => cluster.workers[id])
}
