'use strict'

// A pool worker: keeps a template fresh, and hands out jobs on it.

const { isNews, work } = require('./edits')
const Miners = require('./miners')
const { rpcDaemon } = require('./requests')
const { RESERVED, Template } = require('./template')

const { poolAddress, blockRefreshInterval } = global.config.poolServer
/** So many older templates are kept for shares that are still to come. */
const OLD_TEMPLATES = 3

const templates = { current: null, old: [] }
const miners = new Miners(templates, () => refresh(false))

refresh(true, isGood => {
  if (!isGood) {
    global.log('error', 'pool', 'could not start')
    process.exit()
  }
  miners.listen()
})

function refresh (loop, callback) {
  // Read before the request leaves: the reply may be about a chain that has been left meanwhile.
  const workBefore = work()
  const asked = Date.now()
  const { host, port } = global.config.daemon
  rpcDaemon('getblocktemplate', { reserve_size: RESERVED, wallet_address: poolAddress }, (error, result) => {
    if (loop) setTimeout(() => refresh(true), blockRefreshInterval)
    global.report('refresh', { asked, of: `${host}:${port}`, error: error ? error.message || true : null, height: result ? result.height : null })
    if (error) global.log('error', 'pool', 'no template: %j', [error])
    else if (!templates.current || isNews(templates.current, result.height, workBefore)) take(new Template(result, workBefore))
    if (callback) callback(!error)
  })
}

function take (template) {
  if (templates.current) templates.old.push(templates.current)
  if (templates.old.length > OLD_TEMPLATES) templates.old.shift()
  templates.current = template
  global.report('template', { height: template.height })
  miners.pushJobs()
}
