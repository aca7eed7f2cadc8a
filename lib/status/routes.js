'use strict'

const metrics = require('./metrics')
const { isSame } = require('../name')

const { reply } = require('./exchange')
const page = require('./page')

const JSON_TYPE = { 'Content-Type': 'application/json; charset=utf-8' }

/** What is answered at each path, and how: `{ [path]: { [method]: handle } }`. Probes are for everybody, and tell nothing. */
function createRoutes (multiDaemon, feed, say) {
  const order = (name, carry) => ({ POST: (request, response, body) => obey(name, carry, { request, response, body, say }) })
  return {
    '/': { GET: (request, response) => reply(response, 200, page.html, page.headers) },
    '/status.json': { GET: (request, response) => reply(response, 200, JSON.stringify(multiDaemon.getStatus()), JSON_TYPE) },
    '/metrics': { GET: (request, response) => reply(response, 200, multiDaemon.metrics(), { 'Content-Type': metrics.CONTENT_TYPE }) },
    '/events': { GET: (request, response) => watch(feed, request, response) },
    '/healthz': { isProbe: true, GET: (request, response) => reply(response, 200, 'alive\n') },
    '/readyz': { isProbe: true, GET: (request, response) => tellReady(multiDaemon.getStatus(), response) },
    '/drain': order('drain', ({ host, port }) => multiDaemon.drain(host, port)),
    '/undrain': order('undrain', ({ host, port }) => multiDaemon.undrain(host, port)),
    '/pin': order('pin', ({ host, port, milliseconds }) => multiDaemon.pin(host, port, milliseconds)),
    '/unpin': order('unpin', () => multiDaemon.unpin())
  }
}

function watch (feed, request, response) {
  if (request.method === 'HEAD') return reply(response, 200, '', { 'Content-Type': 'text/event-stream; charset=utf-8' })
  if (feed.hasRoom) return feed.add(request, response)
  reply(response, 503, 'too many viewers\n', { 'Retry-After': 60 })
}

function tellReady ({ current, daemons }, response) {
  const isReady = daemons.some(daemon => isSame(daemon, current) && daemon.state === 'healthy')
  if (isReady) reply(response, 200, 'the daemon in use is healthy\n')
  else reply(response, 503, 'the daemon in use is not healthy\n')
}

/** An order that cannot be carried out tells why. */
function obey (name, carry, { request, response, body, say }) {
  try {
    carry(body)
  } catch (error) {
    if (!/^ERR_MULTI_DAEMON_/.test(error.code)) throw error
    return reply(response, 400, `${error.message}\n`)
  }
  say('info', `${name} ${JSON.stringify(body)} was ordered through the status page by ${request.socket.remoteAddress}`)
  reply(response, 204, '')
}

module.exports = createRoutes
