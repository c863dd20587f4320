import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../driver/root.js';

const HTTP_PORT = 8080;
const GRPC_PORT = 8081;

/** The reverse proxy of docker-compose.yml, from the service table. */
export const nginx = {
  name: 'nginx',
  owns: [],
  async make() {
    const table = JSON.parse(readFileSync(join(root, 'deploy/services.json'), 'utf8'));
    return new Map([['deploy/docker/nginx.conf', nginxConf(table)]]);
  },
};

/** nginx asks for regular expressions in quotes because of their braces and semicolons. */
const quoted = (text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** HEAD goes where GET goes. */
const methodsOf = (methods) => methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join('|');

const routeLine = ({ methods, pattern, service }) => `    ${quoted(`~^(${methodsOf(methods)}) ${pattern.replace(/^\^/, '')}`)} ${service}:${HTTP_PORT};`;

const grpcLines = ({ service, names }) => names.map((name) => `    ${quoted(`~^/${name.replaceAll('.', '\\.')}`)} ${service}:${GRPC_PORT};`);

const nginxConf = ({ services, routes, grpc }) => `# Generated from deploy/services.json (npm run generate). One address: REST on ${HTTP_PORT}, gRPC on ${GRPC_PORT}.
worker_processes auto;
pid /tmp/nginx.pid;
error_log stderr warn;

events {
  worker_connections 4096;
}

http {
  # Of the compose network. Names are asked for again, so that a service made anew at another address is found.
  resolver 127.0.0.11 valid=5s ipv6=off;
  access_log off;
  server_tokens off;
  client_body_temp_path /tmp/nginx-body;
  proxy_temp_path /tmp/nginx-proxy;
  fastcgi_temp_path /tmp/nginx-fastcgi;
  uwsgi_temp_path /tmp/nginx-uwsgi;
  scgi_temp_path /tmp/nginx-scgi;
  # Streams (live tail, gRPC) may be silent for long.
  proxy_read_timeout 1h;
  grpc_read_timeout 1h;
  grpc_send_timeout 1h;
  # What is too large is for the service to say, as a problem document.
  client_max_body_size 16m;

  # Patterns are about the path as it was sent, without its query.
  map $request_uri $sent_path {
    "~^(?<before_query>[^?]*)" $before_query;
  }
  # The first that fits.
  map "$request_method $sent_path" $rest_service {
${routes.map(routeLine).join('\n')}
    default registry:${HTTP_PORT};
  }
  map $sent_path $grpc_service {
${grpc.flatMap(grpcLines).join('\n')}
    default registry:${GRPC_PORT};
  }

  server {
    listen ${HTTP_PORT};

    # Figures of the inside are not for whoever reaches this address.
    location = /metrics {
      return 404;
    }

    location = /proxyz {
      return 204;
    }

    # /readyz/fanout is fanout's /readyz.
    location ~ "^/(?<probe>healthz|readyz)/(?<probed>${services.map(({ name }) => name).join('|')})$" {
      proxy_pass http://$probed:${HTTP_PORT}/$probe;
      error_page 502 504 = @away;
    }

    location / {
      proxy_pass http://$rest_service;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      # Events of the live tail are sent on as they come, and so are large batches.
      proxy_buffering off;
      proxy_request_buffering off;
      # A publish that got no answer may have been taken: whether to send it again is for its sender to say.
      proxy_next_upstream off;
      error_page 502 504 = @away;
    }

    location @away {
      internal;
      default_type application/problem+json;
      add_header Retry-After 1 always;
      return 503 '{"type":"urn:hooklane:problem:not-ready","title":"The service is starting or stopping","status":503,"code":"not-ready"}';
    }
  }

  server {
    listen ${GRPC_PORT} http2;
    client_body_timeout 1h;
    client_max_body_size 0;

    location / {
      grpc_pass grpc://$grpc_service;
      grpc_socket_keepalive on;
      error_page 502 504 = @grpc_away;
    }

    # A gRPC status without a message: UNAVAILABLE, which clients try again.
    location @grpc_away {
      internal;
      default_type application/grpc;
      add_header grpc-status 14 always;
      add_header grpc-message "the service is starting or stopping" always;
      return 204;
    }
  }
}
`;
