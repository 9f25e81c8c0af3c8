"""Real CalDAV servers on 127.0.0.1 for tests, each with a folder of its own."""

from tests.support.dav_servers.base import DavServer as DavServer
from tests.support.dav_servers.base import free_port as free_port
from tests.support.dav_servers.cyrus import cyrus as cyrus
from tests.support.dav_servers.python_servers import radicale as radicale
from tests.support.dav_servers.python_servers import xandikos as xandikos
from tests.support.dav_servers.sabre import sabre as sabre

SERVERS = {"radicale": radicale, "xandikos": xandikos, "sabre": sabre, "cyrus": cyrus}
