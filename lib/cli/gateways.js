'use strict'

const http = require('http')

const PATH = '/.well-known/turtle-pool-multi-daemon'
/** Milliseconds: it asks nobody else for this. */
const LIMIT = 2000
const LONGEST = 1000

/** Which of these places are gateways of this addon, in any process. */
async function gatewaysAmong (places) {
  const are = await Promise.all(places.map(isGateway))
  return places.filter((place, index) => are[index])
}

function isGateway ({ host, port }) {
  return new Promise(resolve => {
    const request = http.get({ host, port, path: PATH, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', piece => {
        text += piece
        if (text.length > LONGEST) end(false)
      })
      response.on('error', () => end(false))
      response.on('end', () => end(response.statusCode === 200 && saysSo(text)))
    })
    const timer = setTimeout(() => end(false), LIMIT)
    function end (is) {
      clearTimeout(timer)
      resolve(is)
      request.destroy()
    }
    request.on('error', () => end(false))
    request.on('close', () => end(false))
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
