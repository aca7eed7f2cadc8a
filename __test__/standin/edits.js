'use strict'

// The few places in which a pool may be edited to get more out of the addon. The plain variant has none of them.

const { current } = require('../..')

const plain = require('./requests')(global.config.daemon)

const multiDaemon = global.config.standin.variant === 'edited' ? current() : null

/** Whether a template at this height, asked for while `work` was that, is better than the one there is. */
function isNews (template, height, work) {
  if (multiDaemon !== null && work !== template.work) return work > template.work
  return height > template.height
}

module.exports = {
  rpcDaemon: multiDaemon ? multiDaemon.rpc : plain.rpcDaemon,
  isNews,
  work: () => multiDaemon ? multiDaemon.work : 0,
  hold: () => multiDaemon !== null && multiDaemon.hold,
  /** The plain variant looks a job's template up by its height. */
  keepsTemplates: multiDaemon !== null
}
