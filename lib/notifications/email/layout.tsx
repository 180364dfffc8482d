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
import { en } from '#lib/notifications/message-catalogue/en.ts';
import { type EmailContent, type LinkText, type TextPart, toPlainText } from './format.ts';
import { style, styleSheet } from './style.ts';

function Paragraphs({ paragraphs }: { paragraphs: TextPart[][] }) {
  return paragraphs.map((parts) => (
    <Text key={toPlainText(parts)} className="ink" style={style.paragraph}>
      {parts.map((part, index) => {
        if (typeof part === 'string') return part;
        const key = `${index} ${part.strong}`;
        return <strong key={key}>{part.strong}</strong>;
      })}
    </Text>
  ));
}

function LinkSection({ content }: { content: LinkText & { link: string } }) {
  return (
    <>
      <Section style={style.buttonSection}>
        <Button className="button" href={content.link} style={style.button}>
          {content.button}
        </Button>
      </Section>
      <Text className="muted" style={style.small}>
        {content.copyHint}
      </Text>
      <Row style={style.linkRow}>
        <Column className="sunken" style={style.linkCell}>
          <Link className="ink" href={content.link} style={style.link}>
            {content.link}
          </Link>
        </Column>
      </Row>
    </>
  );
}

function MainSection({ content }: { content: EmailContent }) {
  return (
    <Row>
      <Column className="inside" style={style.inside}>
        <Text className="muted" style={style.organisation}>
          {content.organisation}
        </Text>
        <Heading as="h1" className="ink" style={style.heading}>
          {content.heading}
        </Heading>
        <Paragraphs paragraphs={content.paragraphs} />
        {content.link !== null && <LinkSection content={content} />}
        <Paragraphs paragraphs={content.afterLink} />
      </Column>
    </Row>
  );
}

function WarningSection({ content }: { content: EmailContent }) {
  return (
    <Row>
      <Column className="inside rule" style={style.warnings}>
        {content.warnings.map(({ title, text }) => (
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

function Email({ content, language }: { content: EmailContent; language: string }) {
  return (
    <Html lang={language}>
      <Head>
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        {/* Keeps iOS from turning text, such as dates and names, into links. */}
        <meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no" />
        <title>{content.subject}</title>
        <style>{styleSheet}</style>
      </Head>
      <Body className="page" style={style.page}>
        <Preview>{content.preview}</Preview>
        <Container className="card" style={style.card}>
          <MainSection content={content} />
          <WarningSection content={content} />
        </Container>
      </Body>
    </Html>
  );
}

function renderPlainText(content: EmailContent): string {
  const paragraphs = [
    content.heading,
    ...content.paragraphs.map(toPlainText),
    ...(content.link === null ? [] : [`${content.button}:\n${content.link}`]),
    ...content.afterLink.map(toPlainText),
    ...content.warnings.map(({ title, text }) => `${title} ${text}`),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

/**
 * Renders an email as plain text and HTML. Equal content gives identical bytes, which Resend's idempotency keys
 * require. The HTML loads no external resources.
 * @param language BCP 47
 */
export async function renderEmail(
  content: EmailContent,
  language = en.language,
): Promise<{ subject: string; text: string; html: string }> {
  return {
    subject: content.subject,
    text: renderPlainText(content),
    html: await render(<Email content={content} language={language} />),
  };
}
