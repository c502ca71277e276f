//! One member's connection, from the first byte to the last.

use std::io;
use std::pin::pin;
use std::rc::Rc;

use futures::{AsyncWriteExt, FutureExt, StreamExt, select};
use runtime::net::TcpStream;
use runtime::net::tcp::OwnedReadHalf;

use crate::lines::Lines;
use crate::room::{Room, Seat};

/// Serves a member until one of both sides has had enough.
pub(crate) async fn serve(stream: TcpStream, room: Rc<Room>) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = Lines::new(reader);

    let (seat, mut inbox) = loop {
        writer.write_all(b"your nickname: ").await?;
        let Some(nickname) = lines.next().await? else { return Ok(()) };
        match room.join(&nickname) {
            Ok(joined) => break joined,
            Err(why) => writer.write_all(format!("* {why}\n").as_bytes()).await?,
        }
    };
    seat.note("/who tells who is here, /quit leaves");

    // Each side at its own pace: a member who does not read may still write, and the other way round.
    let mut listening = pin!(listen(&mut lines, &seat, &room).fuse());
    let mut talking = pin!(
        async {
            while let Some(line) = inbox.lines.next().await {
                writer.write_all(line.as_bytes()).await?;
            }
            Ok(())
        }
        .fuse()
    );
    select! {
        result = listening => result,
        result = talking => result,
        _ = inbox.removed => Err(io::Error::new(io::ErrorKind::TimedOut, "does not keep up")),
    }
}

/// Passes on what the member says, until it has nothing more to say.
async fn listen(lines: &mut Lines<OwnedReadHalf>, seat: &Seat, room: &Room) -> io::Result<()> {
    while let Some(line) = lines.next().await? {
        match line.trim() {
            "" => {}
            "/quit" => return Ok(()),
            "/who" => seat.note(&room.nicknames().join(", ")),
            command if command.starts_with('/') => seat.note(&format!("{command}: unknown")),
            text => seat.say(text),
        }
    }
    Ok(())
}
