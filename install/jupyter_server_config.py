"""Settings of the Jupyter server that `make lab` starts, by which plots follow a slider two to three times as often.

The server answers a page by several small messages in a row. TCP holds the second back until the page's system has confirmed
the first (Nagle's algorithm), and that waits up to 40 ms for something to send along with it. So a slider's plot
would come 40 ms late, and so would every answer. Tornado can switch that off; the server does not by itself.

A slider that moves makes the kernel busy and idle again each time. JupyterLab shows that, among others by another icon
of the page, which the browser fetches and draws anew: that costs more than slider and plot together. So server and page do not follow
these states; a function that computes for longer is shown as busy by Swingby in another way.
"""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """A kernel's connection to a page that sends each message at once."""

    def connect(self):
        self.websocket_handler.set_nodelay(True)
        return super().connect()


c.ServerApp.kernel_websocket_connection_class = PromptConnection  # noqa: F821
c.MappingKernelManager.untracked_message_types.append("comm_msg")  # noqa: F821
