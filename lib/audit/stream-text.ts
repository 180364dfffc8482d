/**
 * Converts chunks of text to a UTF-8 byte stream, with backpressure. Cancelling the stream ends the generator.
 * If the generator throws, the stream fails, so that the client does not mistake a part for the whole.
 */
export function streamText(chunks: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}
