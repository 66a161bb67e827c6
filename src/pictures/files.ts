/** Where the bytes of pictures are kept: each picture with its forms under its person and its name, which is never used twice. */
export interface PictureFiles {
  /** Kept safely when the promise resolves. */
  put(personId: string, id: string, master: Uint8Array): Promise<void>
  /** Undefined where there is none. */
  master(personId: string, id: string): Promise<Buffer | undefined>
  /** A form that was made before; undefined where none was. */
  form(personId: string, id: string, name: string): Promise<Buffer | undefined>
  /** Keeps a form of a picture, as long as that is there. It can be made again, so that losing it is no harm. */
  putForm(personId: string, id: string, name: string, bytes: Uint8Array): Promise<void>
  /** With all its forms. What is not there is no mistake. */
  remove(personId: string, id: string): Promise<void>
  /** The pictures of a person, used or not, oldest first. */
  of(personId: string): Promise<readonly FiledPicture[]>
  /** Everybody who has any, in any order. */
  people(): AsyncIterable<string>
}

export interface FiledPicture {
  readonly id: string
  /** When it was put, in milliseconds since the epoch. */
  readonly at: number
}
