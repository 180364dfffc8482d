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
import { style, styleSheet } from './reveal-email-style.ts';
import { type RevealEmailInput, type RevealEmailWords, revealEmailWords } from './reveal-email-words.ts';

function LinkTwice({ words }: { words: RevealEmailWords }) {
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

function Invitation({ words }: { words: RevealEmailWords }) {
  const { access, ends } = words;
  return (
    <Row>
      <Column className="inside" style={style.inside}>
        <Text className="muted" style={style.organisation}>
          {words.organisation}
        </Text>
        <Heading as="h1" className="ink" style={style.heading}>
          {words.heading}
        </Heading>
        <Text className="ink" style={style.paragraph}>
          {access.before}
          <strong>{access.username}</strong>
          {access.after}
        </Text>
        <Text className="ink" style={style.paragraph}>
          {words.how}
        </Text>
        <LinkTwice words={words} />
        <Text className="ink" style={style.paragraph}>
          {ends.before}
          <strong>{ends.moment}</strong>
          {`${ends.after} ${words.afterwards}`}
        </Text>
      </Column>
    </Row>
  );
}

function Warnings({ words }: { words: RevealEmailWords }) {
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

function RevealEmail({ words }: { words: RevealEmailWords }) {
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
          <Invitation words={words} />
          <Warnings words={words} />
        </Container>
      </Body>
    </Html>
  );
}

function plainText(words: RevealEmailWords): string {
  const { access, ends } = words;
  const paragraphs = [
    `${access.before}${access.username}${access.after}`,
    words.how,
    words.link,
    `${ends.before}${ends.moment}${ends.after} ${words.afterwards}`,
    ...words.warnings.map(({ title, text }) => `${title} ${text}`),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

/**
 * The email with the link to the reveal page. The same input gives the same bytes, as Resend's idempotency keys
 * want it; it loads nothing from anywhere, and holds neither the API key nor the authentication code.
 */
export async function revealEmail(
  input: RevealEmailInput,
): Promise<{ subject: string; text: string; html: string }> {
  const words = revealEmailWords(input);
  return {
    subject: words.subject,
    text: plainText(words),
    html: await render(<RevealEmail words={words} />),
  };
}
