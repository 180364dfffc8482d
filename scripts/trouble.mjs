/** Something that whoever starts Stagedoor can put right: its message is all that they are shown. */
export class Trouble extends Error {}
