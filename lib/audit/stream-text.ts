/**
 * Pieces of text as a stream of bytes in UTF-8, made no faster than they are taken. Whoever cancels it ends the making;
 * where that fails, so does the stream, so that a part is never taken for the whole.
 */
export function streamText(text: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await text.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await text.return(undefined);
    },
  });
}
