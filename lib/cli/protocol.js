'use strict'

const http = require('http')
const tls = require('tls')

/** Milliseconds for a look at how a port speaks. */
const LIMIT = 3000

/** The certificate that a port shows, whether it is trusted or not; null where it does not speak TLS. */
function certificateOf ({ host, port }, limit = LIMIT) {
  return new Promise(resolve => {
    const options = { host, port, servername: isAddress(host) ? '' : host, rejectUnauthorized: false }
    const socket = tls.connect(options, () => end(describe(socket)))
    const end = limited(socket, limit, resolve)
  })
}

/** Whether a port answers plain HTTP at all. */
function speaksHttp ({ host, port }, limit = LIMIT) {
  return new Promise(resolve => {
    const request = http.get({ host, port, path: '/info', agent: false })
    const end = limited(request, limit, answer => resolve(answer === true))
    // A server of TLS answers a plain request with 400, and means TLS.
    request.on('response', ({ statusCode }) => end(statusCode !== 400))
  })
}

/** Gives a function that ends it with an answer; an error and too long a time end it with null. */
function limited (connection, limit, resolve) {
  const timer = setTimeout(() => end(null), limit)
  const end = answer => {
    clearTimeout(timer)
    resolve(answer)
    connection.destroy()
  }
  connection.on('error', () => end(null))
  connection.on('close', () => end(null))
  return end
}

function describe (socket) {
  const { subject, issuer, valid_to: until } = socket.getPeerCertificate() || {}
  return { name: nameIn(subject), issuer: nameIn(issuer), until: until ? new Date(until).getTime() : null }
}

/** A certificate's own words, which may be anything. */
function nameIn (part) {
  const name = part && (part.CN || part.O)
  return name ? String(name).replace(/[^ -~]/g, '?').slice(0, 64) : '-'
}

function isAddress (host) {
  return require('net').isIP(host) !== 0
}

module.exports = { certificateOf, speaksHttp }
