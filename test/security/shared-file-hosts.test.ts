import { describe, expect, it } from 'vitest';
import { fileUrlOf } from '../../services/files/file-hosts.ts';

const path = '/personal/ada/_layouts/15/download.aspx?UniqueId=1&tempauth=v1.secret';

describe('where a file may be fetched from', () => {
  it.each([
    'https://contoso-my.sharepoint.com',
    'https://contoso.sharepoint.com:443',
    'https://CONTOSO.SharePoint.com',
    'https://contoso-my.sharepoint.us',
    'https://contoso.sharepoint-mil.us',
    'https://contoso.dps.mil',
    'https://contoso-my.sharepoint.cn',
    'https://westeurope1-mediap.svc.ms',
  ])('is %s', (origin) => {
    expect(fileUrlOf(origin + path, null)?.pathname).toBe('/personal/ada/_layouts/15/download.aspx');
  });

  it.each([
    ['plain http', `http://contoso.sharepoint.com${path}`],
    ['another port', `https://contoso.sharepoint.com:8443${path}`],
    ['another scheme', 'file:///etc/passwd'],
    ['data', 'data:text/csv,a@b.test'],
    ['the bare domain', `https://sharepoint.com${path}`],
    ['a name that ends alike', `https://evilsharepoint.com${path}`],
    ['a name that begins alike', `https://contoso.sharepoint.com.evil.example${path}`],
    ['a name in the path', 'https://evil.example/contoso.sharepoint.com'],
    ['a name as the user', `https://contoso.sharepoint.com@evil.example${path}`],
    ['a user of the true host', `https://ada:secret@contoso.sharepoint.com${path}`],
    ['an empty user', `https://@contoso.sharepoint.com${path}`],
    ['a dot at the end', `https://contoso.sharepoint.com.${path}`],
    ['letters that only look alike', `https://contoso.shаrepoint.com${path}`],
    ['an underscore', `https://con_toso.sharepoint.com${path}`],
    ['an encoded slash of a host', `https://evil.example%2f.sharepoint.com${path}`],
    ['a backslash', `https://evil.example\\.sharepoint.com${path}`],
    ['a line break', `https://contoso.share\npoint.com${path}`],
    ['a blank', ` https://contoso.sharepoint.com${path}`],
    ['loopback', `https://127.0.0.1${path}`],
    ['loopback as a number', `https://2130706433${path}`],
    ['metadata', 'http://169.254.169.254/latest/meta-data/'],
    ['metadata in IPv6', 'https://[fd00:ec2::254]/latest/'],
    ['a network of its own', `https://10.0.0.5${path}`],
    ['nothing', ''],
  ])('is not %s', (_, url) => {
    expect(fileUrlOf(url, null)).toBeNull();
  });

  it('is the stand-in of this machine where there is one, and nothing beside it', () => {
    const standIn = 'http://127.0.0.1:8080';
    expect(fileUrlOf(`${standIn}/files/a`, standIn)?.href).toBe(`${standIn}/files/a`);
    for (const other of ['http://127.0.0.1:8081/a', 'http://localhost:8080/a', 'http://x@127.0.0.1:8080/a'])
      expect(fileUrlOf(other, standIn)).toBeNull();
  });
});
