'use strict'

// Settles the pool's blocks once they are deep enough: orphaned when the daemon has another block in their place.

const { rpcDaemon } = require('./apiInterfaces.js')

const { depth, interval, candidates } = global.config.blockUnlocker

let pending = candidates
round()

function round () {
  const asking = pending.map(block => new Promise(resolve => settle(block, resolve)))
  Promise.all(asking).then(settled => {
    pending = pending.filter((block, index) => !settled[index])
    global.report('round', { pending: pending.length })
    setTimeout(round, interval)
  })
}

function settle (block, done) {
  rpcDaemon('getblockheaderbyheight', { height: block.height }, (error, result) => {
    if (error || !result.block_header) {
      global.log('error', 'unlocker', 'nothing about block %d: %j', [block.height, error])
      return done(false)
    }
    const header = result.block_header
    if (header.depth < depth) return done(false)
    global.report(header.hash === block.hash ? 'unlocked' : 'orphaned', { height: block.height })
    done(true)
  })
}
