'use strict'

/** Bytes of a hash and of a key. */
const HASH_LENGTH = 32

/** Reads bytes from their start to their end. What is not as it ought to be is a RangeError. */
class Reader {
  /** @param {Buffer} bytes */
  constructor (bytes) {
    this.bytes = bytes
    /** How many of them have been read. */
    this.at = 0
  }

  /** @param {string} hex @returns {Reader} */
  static ofHex (hex) {
    if (typeof hex !== 'string' || !/^([0-9a-f]{2})+$/i.test(hex)) throw new RangeError('no hex')
    return new Reader(Buffer.from(hex, 'hex'))
  }

  take (length) {
    if (!(length <= this.bytes.length - this.at)) throw new RangeError('too short')
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  byte () {
    return this.take(1)[0]
  }

  /** A number as CryptoNote writes it: seven bits a byte, the lowest first. */
  varint () {
    let [value, scale, byte] = [0, 1, 0]
    do {
      byte = this.byte()
      value += (byte & 0x7f) * scale
      scale *= 0x80
    } while (byte & 0x80)
    return value
  }

  hash () {
    return this.take(HASH_LENGTH).toString('hex')
  }

  /** What `read` gives, as many times as the number says that comes first. */
  list (read) {
    const count = this.varint()
    // Nothing is shorter than a byte: a list that is longer than all bytes is a lie.
    if (count > this.bytes.length) throw new RangeError('too short')
    return Array.from({ length: count }, () => read())
  }

  end () {
    if (this.at !== this.bytes.length) throw new RangeError('too long')
  }
}

/** A number as a varint, in hex. */
function varint (number) {
  const bytes = []
  for (; number >= 0x80; number = Math.floor(number / 0x80)) bytes.push(number % 0x80 | 0x80)
  return Buffer.from([...bytes, number]).toString('hex')
}

/** A number of 32 bits as headers have their nonce, in hex: four bytes, the lowest first. */
function fourBytes (number) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(number)
  return bytes.toString('hex')
}

/** Bytes in hex after their number. */
const counted = hex => varint(hex.length / 2) + hex

module.exports = { HASH_LENGTH, Reader, counted, fourBytes, varint }
