'use strict'

/** More than any order takes, in bytes. */
const LONGEST_BODY = 1024

/** On every reply: nobody may frame it, guess its type, keep it, or load anything into it. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY'
}

/** Sends a whole reply. */
function reply (response, status, text, headers) {
  const body = Buffer.from(text)
  const own = { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length }
  response.writeHead(status, Object.assign({}, HEADERS, own, headers))
  response.end(body)
}

/** Gives the JSON object that was sent, or replies why there is none. */
function readBody (request, response, use) {
  const { headers } = request
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] || '')) return reply(response, 415, 'an order needs Content-Type: application/json\n')
  if (Number(headers['content-length']) > LONGEST_BODY) return tooLong(request, response)
  const chunks = []
  let length = 0
  request.on('error', ignore)
  request.on('data', chunk => {
    length += chunk.length
    if (length <= LONGEST_BODY) chunks.push(chunk)
    else if (!response.headersSent) tooLong(request, response)
  })
  request.on('end', () => {
    if (response.headersSent) return
    const body = objectIn(Buffer.concat(chunks).toString())
    if (body) use(body)
    else reply(response, 400, 'an order must be a JSON object\n')
  })
}

/** What still comes is not read. */
function tooLong (request, response) {
  request.pause()
  response.on('finish', () => request.destroy())
  reply(response, 413, `an order may have at most ${LONGEST_BODY} bytes\n`)
}

function objectIn (text) {
  try {
    const value = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch (error) {
    return null
  }
}

function ignore () {}

module.exports = { HEADERS, readBody, reply }
