'use strict'

const http = require('http')
const https = require('https')

const { basicFor } = require('./logins')

const PATH = '/.well-known/turtle-pool-multi-daemon'
/** Milliseconds for one question: it asks nobody else for this. */
const LIMIT = 2000
const LONGEST = 1000

/**
 * Which of these places are gateways of this addon, in any process. A place that asks for HTTP Basic is told its own login.
 * @param {Array<{ host: string, port: number, tls?: boolean }>} places
 * @param {(place: object) => string | null} [loginOf]  as "user:password"
 */
async function gatewaysAmong (places, loginOf = () => null) {
  const are = await Promise.all(places.map(place => isGateway(place, loginOf(place))))
  return places.filter((place, index) => are[index])
}

async function isGateway (place, login) {
  const first = await ask(place, {})
  const header = first.status === 401 ? basicFor(login, first.challenge) : null
  const last = header ? await ask(place, { Authorization: header }) : first
  return last.status === 200 && saysSo(last.text)
}

/** Gives `{ status, challenge, text }`; without an answer the status is null. Where a place speaks TLS, a password goes to nobody without its certificate. */
function ask ({ host, port, tls = false }, headers) {
  return new Promise(resolve => {
    let answer = { status: null, challenge: null, text: '' }
    const request = (tls ? https : http).get({ host, port, path: PATH, headers, agent: false }, response => {
      const { statusCode: status, headers } = response
      let text = ''
      response.setEncoding('utf8')
      response.on('data', piece => {
        text += piece
        if (text.length > LONGEST) end()
      })
      response.on('error', end)
      response.on('end', () => {
        answer = { status, challenge: headers['www-authenticate'] || null, text }
        end()
      })
    })
    const timer = setTimeout(end, LIMIT)
    function end () {
      clearTimeout(timer)
      resolve(answer)
      request.destroy()
    }
    request.on('error', end)
    request.on('close', end)
  })
}

function saysSo (text) {
  try {
    return JSON.parse(text).gateway === true
  } catch (error) {
    return false
  }
}

module.exports = { gatewaysAmong }
