import {
  Body,
  Button,
  Column,
  Container,
  Head,
  Heading,
  Html,
  Link,
  Preview,
  Row,
  render,
  Section,
  Text,
} from '@react-email/components';
import type { EmailContent, LinkContent, Piece } from './format.ts';
import { style, styleSheet } from './style.ts';

const plain = (pieces: Piece[]) =>
  pieces.map((piece) => (typeof piece === 'string' ? piece : piece.strong)).join('');

function Paragraphs({ paragraphs }: { paragraphs: Piece[][] }) {
  return paragraphs.map((pieces) => (
    <Text key={plain(pieces)} className="ink" style={style.paragraph}>
      {pieces.map((piece, index) => {
        if (typeof piece === 'string') return piece;
        const key = `${index} ${piece.strong}`;
        return <strong key={key}>{piece.strong}</strong>;
      })}
    </Text>
  ));
}

function LinkTwice({ words }: { words: LinkContent }) {
  return (
    <>
      <Section style={style.action}>
        <Button className="button" href={words.link} style={style.button}>
          {words.button}
        </Button>
      </Section>
      <Text className="muted" style={style.small}>
        {words.copyHint}
      </Text>
      <Row style={style.space}>
        <Column className="sunken" style={style.address}>
          <Link className="ink" href={words.link} style={style.link}>
            {words.link}
          </Link>
        </Column>
      </Row>
    </>
  );
}

function Message({ words }: { words: EmailContent }) {
  return (
    <Row>
      <Column className="inside" style={style.inside}>
        <Text className="muted" style={style.organisation}>
          {words.organisation}
        </Text>
        <Heading as="h1" className="ink" style={style.heading}>
          {words.heading}
        </Heading>
        <Paragraphs paragraphs={words.paragraphs} />
        {words.link !== null && <LinkTwice words={words} />}
        <Paragraphs paragraphs={words.afterLink} />
      </Column>
    </Row>
  );
}

function Warnings({ words }: { words: EmailContent }) {
  return (
    <Row>
      <Column className="inside rule" style={style.warnings}>
        {words.warnings.map(({ title, text }) => (
          <Text key={title} className="muted" style={style.small}>
            <strong className="ink" style={style.title}>
              {title}
            </strong>
            {` ${text}`}
          </Text>
        ))}
      </Column>
    </Row>
  );
}

function Email({ words }: { words: EmailContent }) {
  return (
    <Html lang="en-GB">
      <Head>
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        {/* Otherwise iOS turns the date and the organisation's name into links of its own. */}
        <meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no" />
        <title>{words.subject}</title>
        <style>{styleSheet}</style>
      </Head>
      <Body className="page" style={style.page}>
        <Preview>{words.preview}</Preview>
        <Container className="card" style={style.card}>
          <Message words={words} />
          <Warnings words={words} />
        </Container>
      </Body>
    </Html>
  );
}

function plainText(words: EmailContent): string {
  const paragraphs = [
    ...words.paragraphs.map(plain),
    ...(words.link === null ? [] : [words.link]),
    ...words.afterLink.map(plain),
    ...words.warnings.map(({ title, text }) => `${title} ${text}`),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

/**
 * Lays an email out, as text and as HTML with the same words. The same words give the same bytes, as Resend's
 * idempotency keys want it; it loads nothing from anywhere.
 */
export async function renderEmail(
  words: EmailContent,
): Promise<{ subject: string; text: string; html: string }> {
  return {
    subject: words.subject,
    text: plainText(words),
    html: await render(<Email words={words} />),
  };
}
