"""Settings of the Jupyter server that `make lab` starts.

The server answers a page by several small messages in a row. TCP holds the second back until the page's system has confirmed
the first (Nagle's algorithm), and that waits up to 40 ms for something to send along with it. So a slider's plot
would come 40 ms late, and so would every answer. Tornado can switch that off; the server does not by itself.
"""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """A kernel's connection to a page that sends each message at once."""

    def connect(self):
        self.websocket_handler.set_nodelay(True)
        return super().connect()


c.ServerApp.kernel_websocket_connection_class = PromptConnection  # noqa: F821
